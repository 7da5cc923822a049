/** The revision graph: heads, ancestors, targets in Alembic's grammar, and the arithmetic of version rows. Pure. */
@NullMarked
package org.keops.automigrate.graph;

import org.jspecify.annotations.NullMarked;
