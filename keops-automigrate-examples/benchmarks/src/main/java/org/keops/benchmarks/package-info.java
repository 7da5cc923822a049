/** Measures keops-automigrate beside other migration tools. Not part of {@code mvn verify}. */
@NullMarked
package org.keops.benchmarks;

import org.jspecify.annotations.NullMarked;
