package org.keops.automigrate.cli;

/** What was asked for can not be done as it was asked; the message is one sentence. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
