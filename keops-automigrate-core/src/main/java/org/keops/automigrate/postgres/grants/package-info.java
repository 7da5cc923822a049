/** What a role lacks on a server, and giving it. */
@NullMarked
package org.keops.automigrate.postgres.grants;

import org.jspecify.annotations.NullMarked;
