/** Reads the revision files of a Python Alembic project, without Python and without running any of it. */
@NullMarked
package org.keops.automigrate.python;

import org.jspecify.annotations.NullMarked;
