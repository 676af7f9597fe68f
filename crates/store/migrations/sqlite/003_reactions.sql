-- The reaction that is shown below a message of a person, or may be: written before it is shown, and taken away after it.
ALTER TABLE inbox ADD COLUMN reaction TEXT;

CREATE INDEX inbox_reaction ON inbox (sequence) WHERE reaction IS NOT NULL;
