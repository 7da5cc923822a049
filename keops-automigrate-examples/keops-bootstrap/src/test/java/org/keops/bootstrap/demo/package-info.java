/** The demo: KEOPS boots in every scenario, on a PostgreSQL server of its own. */
package org.keops.bootstrap.demo;
