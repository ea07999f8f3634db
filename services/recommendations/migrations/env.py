from recommendations.models import Base
from shared import migrations

migrations.run(Base.metadata)
