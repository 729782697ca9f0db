from django.db.models import TextChoices


class Purpose(TextChoices):
    PRETRAINING = "pretraining", "Pretraining"
    FINE_TUNING = "fine_tuning", "Fine-tuning"
    EVALUATION = "evaluation", "Evaluation"
    OPEN_RELEASE = "open_release", "Open release"
