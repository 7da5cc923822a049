/** The version table and its comments: the rows, and what is kept beside them. */
@NullMarked
package org.keops.automigrate.postgres.version;

import org.jspecify.annotations.NullMarked;
