/** The operator's command line. In a jar of its own; nothing sees it, and it sees the API, the values and the sources. */
@NullMarked
package org.keops.automigrate.cli;

import org.jspecify.annotations.NullMarked;
