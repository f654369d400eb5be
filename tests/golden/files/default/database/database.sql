-- A statement that fails or is slow would be logged with the password in it.
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
\set database 'cyclos4'
\set owner 'cyclos'
\set password `cat "$SECRETS/cyclos"`

SELECT format('CREATE ROLE %I', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') AS is_new \gset
\if :is_new
CREATE DATABASE :"database" TEMPLATE template0 ENCODING 'UTF8' OWNER :"owner";
\endif
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;

\connect :"database"
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS "cube";
CREATE EXTENSION IF NOT EXISTS "earthdistance";
CREATE EXTENSION IF NOT EXISTS "postgis";
CREATE EXTENSION IF NOT EXISTS "unaccent";
CREATE EXTENSION IF NOT EXISTS "pgcrypto";
\if :is_new
\echo created
\else
\echo updated
\endif
