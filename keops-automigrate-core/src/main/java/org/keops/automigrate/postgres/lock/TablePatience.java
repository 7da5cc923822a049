package org.keops.automigrate.postgres.lock;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The patience with those who use the tables that are to be changed.
 *
 * @param budget how long to try for their locks, from the first that was not had; zero for one try
 * @param waiting told once, when the trying begins, who is in the way; empty if that is not known
 */
public record TablePatience(Duration budget, Consumer<String> waiting) {}
