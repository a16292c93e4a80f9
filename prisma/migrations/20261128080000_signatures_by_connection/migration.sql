-- Refused deliveries are counted by connection.
UPDATE "stored_values" SET "key" = 'webhook-signatures:con_environment_' || lower(substring("key" FROM 20))
  WHERE "key" ~ '^webhook-signatures:[A-Z]+$';
