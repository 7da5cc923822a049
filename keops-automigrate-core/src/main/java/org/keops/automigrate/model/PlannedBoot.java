package org.keops.automigrate.model;

/**
 * What a boot would do. Immutable and thread-safe.
 *
 * @param decision what it would decide
 * @param plan the steps that this comes to; none where nothing would run or be recorded
 */
public record PlannedBoot(Decision decision, Plan plan) {}
