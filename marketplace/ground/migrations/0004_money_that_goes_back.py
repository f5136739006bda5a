import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ground', '0003_policy_inviting_and_fair_order'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='policy',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='policy',
            name='update_update',
        ),
        migrations.AddField(
            model_name='policy',
            name='advance_short_reversals',
            field=models.BooleanField(default=True, help_text="The payer is refunded at once, and the student's next releases repay it.", verbose_name="when a student's Stripe balance is too low for a reversal, the platform advances it"),
        ),
        migrations.AddField(
            model_name='policy',
            name='disputes_from_students',
            field=models.BooleanField(default=False, help_text='Otherwise the platform bears what a lost dispute costs of approved work.', verbose_name='approved pay may be taken back for a card dispute'),
        ),
        migrations.AddField(
            model_name='policy',
            name='hold_warning_days',
            field=models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(365)], verbose_name='and moderators are warned so many days before'),
        ),
        migrations.AddField(
            model_name='policy',
            name='refund_on_fraud_warning',
            field=models.BooleanField(default=False, verbose_name='a fraud warning refunds by itself while nothing is approved'),
        ),
        migrations.AddField(
            model_name='policy',
            name='write_off_second_cents',
            field=models.PositiveIntegerField(default=10000, help_text='Above this a second moderator has to agree.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000)], verbose_name='written off by one moderator, at most cents'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='advance_short_reversals',
            field=models.BooleanField(default=True, help_text="The payer is refunded at once, and the student's next releases repay it.", verbose_name="when a student's Stripe balance is too low for a reversal, the platform advances it"),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='disputes_from_students',
            field=models.BooleanField(default=False, help_text='Otherwise the platform bears what a lost dispute costs of approved work.', verbose_name='approved pay may be taken back for a card dispute'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='hold_warning_days',
            field=models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(365)], verbose_name='and moderators are warned so many days before'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='refund_on_fraud_warning',
            field=models.BooleanField(default=False, verbose_name='a fraud warning refunds by itself while nothing is approved'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='write_off_second_cents',
            field=models.PositiveIntegerField(default=10000, help_text='Above this a second moderator has to agree.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000000)], verbose_name='written off by one moderator, at most cents'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "ground_policyevent" ("advance_short_reversals", "answer_days", "answer_final_days", "application_cap", "application_window_days", "application_window_min_hours", "chain_hours", "chain_projects", "clean_for_skip_review", "disputes_from_students", "extension_answer_hours", "extension_max_bp", "extension_notice_hours", "fair_order", "fair_strength", "fee_bp", "funds_business_days", "hard_max_days", "hold_days", "hold_warning_days", "id", "invitation_days", "invitation_rest_days", "invitations_per_project", "invitations_per_week", "invitations_to_student", "kickoff_cancel_days", "kickoff_days", "kickoff_penalty_bp", "live_engagements", "local_minimum_wage_cents", "max_days", "max_hours", "max_hours_approved", "min_days", "min_hours", "new_employer_open_projects", "offer_hours", "offer_weekend_hours", "open_applications", "pay_floor_cents", "peer_review_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_figure_min", "public_score_min", "refund_on_fraud_warning", "review_business_days", "review_last_days", "review_short_days", "revision_days", "revision_rounds", "sample_one_in", "short_project_days", "strikes", "tax_forms_by", "tax_threshold_cents", "tax_threshold_words", "unproven_max_cents", "unproven_release_days", "updated_at", "weekly_hours_max", "weekly_hours_warn", "write_off_second_cents", "zone") VALUES (NEW."advance_short_reversals", NEW."answer_days", NEW."answer_final_days", NEW."application_cap", NEW."application_window_days", NEW."application_window_min_hours", NEW."chain_hours", NEW."chain_projects", NEW."clean_for_skip_review", NEW."disputes_from_students", NEW."extension_answer_hours", NEW."extension_max_bp", NEW."extension_notice_hours", NEW."fair_order", NEW."fair_strength", NEW."fee_bp", NEW."funds_business_days", NEW."hard_max_days", NEW."hold_days", NEW."hold_warning_days", NEW."id", NEW."invitation_days", NEW."invitation_rest_days", NEW."invitations_per_project", NEW."invitations_per_week", NEW."invitations_to_student", NEW."kickoff_cancel_days", NEW."kickoff_days", NEW."kickoff_penalty_bp", NEW."live_engagements", NEW."local_minimum_wage_cents", NEW."max_days", NEW."max_hours", NEW."max_hours_approved", NEW."min_days", NEW."min_hours", NEW."new_employer_open_projects", NEW."offer_hours", NEW."offer_weekend_hours", NEW."open_applications", NEW."pay_floor_cents", NEW."peer_review_days", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."public_figure_min", NEW."public_score_min", NEW."refund_on_fraud_warning", NEW."review_business_days", NEW."review_last_days", NEW."review_short_days", NEW."revision_days", NEW."revision_rounds", NEW."sample_one_in", NEW."short_project_days", NEW."strikes", NEW."tax_forms_by", NEW."tax_threshold_cents", NEW."tax_threshold_words", NEW."unproven_max_cents", NEW."unproven_release_days", NEW."updated_at", NEW."weekly_hours_max", NEW."weekly_hours_warn", NEW."write_off_second_cents", NEW."zone"); RETURN NULL;', hash='4324b32c6585c5877b276b4ca1e04fa97fd17222', operation='INSERT', pgid='pgtrigger_insert_insert_85e54', table='ground_policy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "ground_policyevent" ("advance_short_reversals", "answer_days", "answer_final_days", "application_cap", "application_window_days", "application_window_min_hours", "chain_hours", "chain_projects", "clean_for_skip_review", "disputes_from_students", "extension_answer_hours", "extension_max_bp", "extension_notice_hours", "fair_order", "fair_strength", "fee_bp", "funds_business_days", "hard_max_days", "hold_days", "hold_warning_days", "id", "invitation_days", "invitation_rest_days", "invitations_per_project", "invitations_per_week", "invitations_to_student", "kickoff_cancel_days", "kickoff_days", "kickoff_penalty_bp", "live_engagements", "local_minimum_wage_cents", "max_days", "max_hours", "max_hours_approved", "min_days", "min_hours", "new_employer_open_projects", "offer_hours", "offer_weekend_hours", "open_applications", "pay_floor_cents", "peer_review_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_figure_min", "public_score_min", "refund_on_fraud_warning", "review_business_days", "review_last_days", "review_short_days", "revision_days", "revision_rounds", "sample_one_in", "short_project_days", "strikes", "tax_forms_by", "tax_threshold_cents", "tax_threshold_words", "unproven_max_cents", "unproven_release_days", "updated_at", "weekly_hours_max", "weekly_hours_warn", "write_off_second_cents", "zone") VALUES (NEW."advance_short_reversals", NEW."answer_days", NEW."answer_final_days", NEW."application_cap", NEW."application_window_days", NEW."application_window_min_hours", NEW."chain_hours", NEW."chain_projects", NEW."clean_for_skip_review", NEW."disputes_from_students", NEW."extension_answer_hours", NEW."extension_max_bp", NEW."extension_notice_hours", NEW."fair_order", NEW."fair_strength", NEW."fee_bp", NEW."funds_business_days", NEW."hard_max_days", NEW."hold_days", NEW."hold_warning_days", NEW."id", NEW."invitation_days", NEW."invitation_rest_days", NEW."invitations_per_project", NEW."invitations_per_week", NEW."invitations_to_student", NEW."kickoff_cancel_days", NEW."kickoff_days", NEW."kickoff_penalty_bp", NEW."live_engagements", NEW."local_minimum_wage_cents", NEW."max_days", NEW."max_hours", NEW."max_hours_approved", NEW."min_days", NEW."min_hours", NEW."new_employer_open_projects", NEW."offer_hours", NEW."offer_weekend_hours", NEW."open_applications", NEW."pay_floor_cents", NEW."peer_review_days", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."public_figure_min", NEW."public_score_min", NEW."refund_on_fraud_warning", NEW."review_business_days", NEW."review_last_days", NEW."review_short_days", NEW."revision_days", NEW."revision_rounds", NEW."sample_one_in", NEW."short_project_days", NEW."strikes", NEW."tax_forms_by", NEW."tax_threshold_cents", NEW."tax_threshold_words", NEW."unproven_max_cents", NEW."unproven_release_days", NEW."updated_at", NEW."weekly_hours_max", NEW."weekly_hours_warn", NEW."write_off_second_cents", NEW."zone"); RETURN NULL;', hash='c98e367b0c082bf2c1bd17181d35cdaaee38abbc', operation='UPDATE', pgid='pgtrigger_update_update_003b9', table='ground_policy', when='AFTER')),
        ),
    ]
