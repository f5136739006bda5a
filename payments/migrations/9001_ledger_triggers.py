"""The ledger's invariants, held by PostgreSQL itself against every program and every hand."""

from django.db import migrations

UP = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_new_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.balance := 0;
  RETURN NEW;
END $$;

-- An account changes in one way only: its running balance, by the entry trigger.
CREATE FUNCTION ledger_keep_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2
     OR (NEW.id, NEW.code, NEW.currency, NEW.sign, NEW.guarded)
        IS DISTINCT FROM (OLD.id, OLD.code, OLD.currency, OLD.sign, OLD.guarded) THEN
    RAISE EXCEPTION 'ledger accounts are not edited' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.xid := pg_current_xact_id()::text::bigint;
  NEW.started := transaction_timestamp();
  RETURN NEW;
END $$;

-- Entries join a transaction only in the database transaction that made it, in the account's currency.
-- The start time is compared too because transaction ids begin anew in a restored cluster.
CREATE FUNCTION ledger_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM payments_ledgertransaction t WHERE t.id = NEW.transaction_id
    AND t.xid = pg_current_xact_id()::text::bigint AND t.started = transaction_timestamp();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'ledger transaction % is sealed', NEW.transaction_id USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM 1 FROM payments_ledgeraccount a WHERE a.id = NEW.account_id AND a.currency = NEW.currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'ledger account % is in another currency', NEW.account_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- The UPDATE is also the lock that makes racing postings wait for each other; the CHECK refuses the overdraft.
CREATE FUNCTION ledger_carry_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE payments_ledgeraccount SET balance = balance + NEW.amount * sign
   WHERE id = NEW.account_id AND guarded;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  which bigint;
BEGIN
  IF TG_TABLE_NAME = 'payments_ledgertransaction' THEN which := NEW.id; ELSE which := NEW.transaction_id; END IF;
  IF (SELECT count(*) FROM payments_ledgerentry WHERE transaction_id = which) < 2 THEN
    RAISE EXCEPTION 'ledger transaction % has fewer than two entries', which USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM payments_ledgerentry WHERE transaction_id = which
             GROUP BY currency HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', which USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_new_account BEFORE INSERT ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION ledger_new_account();
CREATE TRIGGER ledger_keep_account BEFORE UPDATE ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION ledger_keep_account();
CREATE TRIGGER ledger_keep_accounts BEFORE DELETE ON payments_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payments_ledgeraccount EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_seal BEFORE INSERT ON payments_ledgertransaction
  FOR EACH ROW EXECUTE FUNCTION ledger_seal();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payments_ledgertransaction
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payments_ledgertransaction EXECUTE FUNCTION ledger_refuse();
CREATE CONSTRAINT TRIGGER ledger_balanced_transaction AFTER INSERT ON payments_ledgertransaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();

CREATE TRIGGER ledger_check_entry BEFORE INSERT ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION ledger_check_entry();
CREATE TRIGGER ledger_carry_balance AFTER INSERT ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION ledger_carry_balance();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payments_ledgerentry EXECUTE FUNCTION ledger_refuse();
CREATE CONSTRAINT TRIGGER ledger_balanced_entry AFTER INSERT ON payments_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();
"""

DOWN = """
DROP TRIGGER ledger_balanced_entry ON payments_ledgerentry;
DROP TRIGGER ledger_no_truncate ON payments_ledgerentry;
DROP TRIGGER ledger_append_only ON payments_ledgerentry;
DROP TRIGGER ledger_carry_balance ON payments_ledgerentry;
DROP TRIGGER ledger_check_entry ON payments_ledgerentry;
DROP TRIGGER ledger_balanced_transaction ON payments_ledgertransaction;
DROP TRIGGER ledger_no_truncate ON payments_ledgertransaction;
DROP TRIGGER ledger_append_only ON payments_ledgertransaction;
DROP TRIGGER ledger_seal ON payments_ledgertransaction;
DROP TRIGGER ledger_no_truncate ON payments_ledgeraccount;
DROP TRIGGER ledger_keep_accounts ON payments_ledgeraccount;
DROP TRIGGER ledger_keep_account ON payments_ledgeraccount;
DROP TRIGGER ledger_new_account ON payments_ledgeraccount;
DROP FUNCTION ledger_check_balanced();
DROP FUNCTION ledger_carry_balance();
DROP FUNCTION ledger_check_entry();
DROP FUNCTION ledger_seal();
DROP FUNCTION ledger_keep_account();
DROP FUNCTION ledger_new_account();
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(UP, DOWN)]
