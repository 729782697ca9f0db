from django.urls import path

from consent import views, views_web

app_name = "consent"
urlpatterns = [
    path("robots.txt", views_web.robots, name="robots"),
    path(".well-known/tdmrep.json", views_web.tdmrep, name="tdmrep"),
    path("ai-policy", views_web.ai_policy, name="ai_policy"),
    path("settings/training", views.training, name="training"),
    path("settings/training-crawling", views_web.crawling, name="crawling"),
    path("settings/training/<slug:purpose>", views.decide_purpose, name="decide"),
]
