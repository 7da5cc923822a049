/** The look that decides: one round trip, or a longer one where that does not tell. */
@NullMarked
package org.keops.automigrate.postgres.probe;

import org.jspecify.annotations.NullMarked;
