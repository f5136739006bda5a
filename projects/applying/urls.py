app_name = "applying"
urlpatterns = []
