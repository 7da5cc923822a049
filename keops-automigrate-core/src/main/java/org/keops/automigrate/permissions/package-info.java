/** What the application's role lacks, as a pure function of the observed grants and the policy. */
@NullMarked
package org.keops.automigrate.permissions;

import org.jspecify.annotations.NullMarked;
