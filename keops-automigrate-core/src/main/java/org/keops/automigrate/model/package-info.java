/** The values that everything else speaks in: revisions, what a database was seen to be, decisions, plans, outcomes and the report. No I/O, nothing but {@code java.base}. */
@NullMarked
package org.keops.automigrate.model;

import org.jspecify.annotations.NullMarked;
