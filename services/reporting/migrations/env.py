from reporting.main import service
from shared import migrations

migrations.run(service.metadata)
