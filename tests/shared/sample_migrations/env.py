from tests.shared.sample import Base

from shared import migrations

migrations.run(Base.metadata)
