/** Where scripts come from: class path, directory, zip archive, or an implementation of your own. */
@NullMarked
package org.keops.automigrate.source;

import org.jspecify.annotations.NullMarked;
