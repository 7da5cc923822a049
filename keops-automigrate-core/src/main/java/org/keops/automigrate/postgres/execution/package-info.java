/** Plans carried out: scripts sent to the server, inside a transaction and outside. */
@NullMarked
package org.keops.automigrate.postgres.execution;

import org.jspecify.annotations.NullMarked;
