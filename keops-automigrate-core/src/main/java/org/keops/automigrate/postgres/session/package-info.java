/** One session with PostgreSQL, given back as it came: its statements, settings, guards, role and deadline. */
@NullMarked
package org.keops.automigrate.postgres.session;

import org.jspecify.annotations.NullMarked;
