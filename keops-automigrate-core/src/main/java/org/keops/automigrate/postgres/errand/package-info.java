/** Work on a connection that its caller need not wait for longer than it wants to. */
@NullMarked
package org.keops.automigrate.postgres.errand;

import org.jspecify.annotations.NullMarked;
