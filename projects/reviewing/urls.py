app_name = "reviewing"
urlpatterns = []
