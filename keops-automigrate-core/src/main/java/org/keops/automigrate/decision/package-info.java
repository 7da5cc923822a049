/** The decision table: what was seen, the graph and the policies in; a decision and a plan out. Pure. */
@NullMarked
package org.keops.automigrate.decision;

import org.jspecify.annotations.NullMarked;
