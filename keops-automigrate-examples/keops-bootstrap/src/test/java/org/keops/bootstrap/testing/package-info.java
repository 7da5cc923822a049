/** What the example's tests and the demo share: KEOPS's databases, and KEOPS as seen over HTTP. */
package org.keops.bootstrap.testing;
