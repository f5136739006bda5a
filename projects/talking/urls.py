app_name = "talking"
urlpatterns = []
