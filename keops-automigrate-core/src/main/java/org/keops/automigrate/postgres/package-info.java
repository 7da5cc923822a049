/** One session with PostgreSQL: the only package that speaks JDBC. */
@NullMarked
package org.keops.automigrate.postgres;

import org.jspecify.annotations.NullMarked;
