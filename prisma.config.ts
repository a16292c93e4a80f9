import { defineConfig } from 'prisma/config'

// SHADOW_DATABASE_URL is an empty database that Prisma may overwrite; `migrate diff --from-migrations` needs one.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '', shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL },
})
