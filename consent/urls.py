from django.urls import path

from consent import views, views_receipts, views_web
from consent.api import views as api
from consent.log import views as log

app_name = "consent"
urlpatterns = [
    path("robots.txt", views_web.robots, name="robots"),
    path(".well-known/tdmrep.json", views_web.tdmrep, name="tdmrep"),
    path("ai-policy", views_web.ai_policy, name="ai_policy"),
    path("log/", log.about, name="log"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/keys", log.keys, name="log_keys"),
    path("log/commonplace_verify.py", log.script, name="log_script"),
    path("log/tile/<path:path>", log.tile, name="log_tile"),
    path("welcome", views.welcome, name="welcome"),
    path("settings/data", views_receipts.data, name="data"),
    path("settings/data/receipts.jsonl", views_receipts.receipts, name="receipts"),
    path("settings/data/receipts/<int:position>", views_receipts.receipt, name="receipt"),
    path("settings/data/receipts/<int:position>.json", views_receipts.receipt_json, name="receipt_json"),
    path("settings/withdraw-all", views.withdraw_everything, name="withdraw_all"),
    path("settings/training", views.training, name="training"),
    path("settings/training-crawling", views_web.crawling, name="crawling"),
    path("settings/training/<slug:purpose>", views.decide_purpose, name="decide"),
    path("api/v1/consent/", api.State.as_view(), name="api-state"),
    path("api/v1/consent/notices", api.Notices.as_view(), name="api-notices"),
    path("api/v1/consent/decisions", api.Decisions.as_view(), name="api-decisions"),
    path("api/v1/consent/receipts/<int:position>", api.Receipt.as_view(), name="api-receipt"),
]
