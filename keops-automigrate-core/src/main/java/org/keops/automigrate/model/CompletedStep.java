package org.keops.automigrate.model;

import java.time.Duration;

/**
 * A step that was carried out and committed. Immutable and thread-safe.
 *
 * @param step what ran
 * @param statements how many statements of its script the server executed
 * @param rowsCopied how many rows {@code COPY … FROM STDIN} took from its script
 * @param duration how long they took, without the commit
 */
public record CompletedStep(Step step, int statements, long rowsCopied, Duration duration) {}
