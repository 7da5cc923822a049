/** The proof by doing: each object tried as the role, nothing touched. */
@NullMarked
package org.keops.automigrate.postgres.rehearsal;

import org.jspecify.annotations.NullMarked;
