/** The operator's command line. In a jar of its own; nothing sees it, and it sees the API, the values, the sources and the heads of scripts. */
@NullMarked
package org.keops.automigrate.cli;

import org.jspecify.annotations.NullMarked;
