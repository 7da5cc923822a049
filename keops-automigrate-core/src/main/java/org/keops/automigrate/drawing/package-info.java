/** Pictures of a history: text, Mermaid, DOT, SVG. Pure: listed revisions in, text out. */
@NullMarked
package org.keops.automigrate.drawing;

import org.jspecify.annotations.NullMarked;
