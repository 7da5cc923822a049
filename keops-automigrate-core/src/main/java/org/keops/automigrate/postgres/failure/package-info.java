/** What went wrong, and what of it may be told: classes of failures, the server's words without secrets. */
@NullMarked
package org.keops.automigrate.postgres.failure;

import org.jspecify.annotations.NullMarked;
