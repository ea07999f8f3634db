from hr_diversity.models import Base
from shared import migrations

migrations.run(Base.metadata)
