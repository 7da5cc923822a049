/** Reading scripts: headers, PostgreSQL's lexical rules, statements one at a time. Text in, values out. */
@NullMarked
package org.keops.automigrate.script;

import org.jspecify.annotations.NullMarked;
