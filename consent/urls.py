from django.urls import path

from consent.api import views as api
from consent.transparency_log import views as log
from consent.views import crawling, receipts, settings

app_name = "consent"
urlpatterns = [
    path("robots.txt", crawling.robots, name="robots"),
    path(".well-known/tdmrep.json", crawling.tdmrep, name="tdmrep"),
    path("ai-policy", crawling.ai_policy, name="ai_policy"),
    path("log/", log.log_description, name="log"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/keys", log.keys, name="log_keys"),
    path("log/commonplace_verify.py", log.script, name="log_script"),
    path("log/tile/<path:path>", log.tile, name="log_tile"),
    path("welcome", settings.onboarding, name="onboarding"),
    path("settings/data", receipts.consent_data, name="receipts"),
    path("settings/data/receipts.jsonl", receipts.receipts, name="receipts_export"),
    path("settings/data/receipts/<int:position>", receipts.receipt, name="receipt"),
    path("settings/data/receipts/<int:position>.json", receipts.receipt_json, name="receipt_json"),
    path("settings/withdraw-all", settings.withdraw_everything, name="withdraw_all"),
    path("settings/training", settings.training, name="training"),
    path("settings/training-crawling", crawling.crawling_settings, name="crawling"),
    path("settings/training/<slug:purpose>", settings.decide_purpose, name="decide_purpose"),
    path("api/v1/consent/", api.State.as_view(), name="api-state"),
    path("api/v1/consent/notices", api.Notices.as_view(), name="api-notices"),
    path("api/v1/consent/decisions", api.Decisions.as_view(), name="api-decisions"),
    path("api/v1/consent/receipts/<int:position>", api.Receipt.as_view(), name="api-receipt"),
]
