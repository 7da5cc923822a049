/** KEOPS's boot in Java: it serves first, then brings its database up to date, then opens its own connections to it. */
@NullMarked
package org.keops.bootstrap;

import org.jspecify.annotations.NullMarked;
