package org.keops.benchmarks;

import javax.sql.DataSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.WhenUnversioned;

/** keops-automigrate, with KEOPS's permissions or without any. */
final class Ours implements Contender {
    private final boolean permissions;
    private final boolean perRevision;

    Ours(boolean permissions, boolean perRevision) {
        this.permissions = permissions;
        this.perRevision = perRevision;
    }

    @Override
    public void migrate(DataSource dataSource) {
        builder()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .run(dataSource)
                .orElseThrow();
    }

    @Override
    public void adopt(DataSource dataSource) {
        builder().run(dataSource).orElseThrow();
        builder().run(dataSource).orElseThrow();
    }

    @Override
    public Contender kept() {
        Migrator migrator = builder().build();
        return new Contender() {
            @Override
            public void migrate(DataSource dataSource) {
                migrator.run(dataSource).orElseThrow();
            }

            @Override
            public void adopt(DataSource dataSource) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private MigratorBuilder builder() {
        MigratorBuilder builder = AutoMigrator.configure();
        builder = perRevision ? builder.transactionPerRevision() : builder;
        return permissions ? builder : builder.leavePermissionsAlone();
    }
}
