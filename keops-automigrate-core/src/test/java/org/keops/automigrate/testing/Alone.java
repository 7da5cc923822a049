package org.keops.automigrate.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A test among such that {@linkplain Waits wait}, but that runs alone: it has to be somewhere in a second, or takes all that the
 * processors give.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ResourceLock(value = Alone.PROCESSORS, mode = ResourceAccessMode.READ_WRITE)
public @interface Alone {
    /** The name of what is shared. */
    String PROCESSORS = "processors";
}
