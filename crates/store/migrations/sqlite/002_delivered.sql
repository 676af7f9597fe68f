-- A quoted message of the bot that carries no key is found by the time at which it was delivered.
CREATE INDEX outbox_delivered ON outbox (settled_at) WHERE state = 'delivered';
