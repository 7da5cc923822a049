/**
 * Brings the PostgreSQL schema of a service up to date while it boots; start at {@link org.keops.automigrate.AutoMigrator}.
 */
@NullMarked
package org.keops.automigrate;

import org.jspecify.annotations.NullMarked;
