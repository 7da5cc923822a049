/** One writer, and no queue behind it: the migration lock, and tables that others hold. */
@NullMarked
package org.keops.automigrate.postgres.lock;

import org.jspecify.annotations.NullMarked;
