package org.keops.automigrate.model;

/** How a picture of the history is written. */
public enum DrawingFormat {
    /** For a terminal, one line for each revision, newest first. */
    TEXT,
    /** Mermaid's flowchart, which GitHub and GitLab draw in Markdown. */
    MERMAID,
    /** Graphviz's language. */
    DOT,
    /** A drawing that needs nothing else. */
    SVG
}
