-- One database and one role per service; no role can connect to the database of another. psql runs this once, on an empty server,
-- as its superuser. The passwords come from the environment: <SERVICE>_DB_PASSWORD.
\set ON_ERROR_STOP on
\getenv indicators INDICATORS_DB_PASSWORD
\getenv hr_diversity HR_DIVERSITY_DB_PASSWORD
\getenv recommendations RECOMMENDATIONS_DB_PASSWORD
\getenv reporting REPORTING_DB_PASSWORD

CREATE TEMPORARY TABLE service (name text, password text NOT NULL);
INSERT INTO service VALUES
    ('indicators', :'indicators'),
    ('hr_diversity', :'hr_diversity'),
    ('recommendations', :'recommendations'),
    ('reporting', :'reporting');

SELECT format('CREATE ROLE %I LOGIN PASSWORD %L NOSUPERUSER NOCREATEDB NOCREATEROLE', name, password) FROM service \gexec
SELECT format('CREATE DATABASE %I OWNER %I', name, name) FROM service \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name) FROM service \gexec
-- Otherwise every role may look into the databases that PostgreSQL itself brings.
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
